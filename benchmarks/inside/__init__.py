"""Programs that need Django: ``python -m benchmarks.inside PROGRAM ARGUMENT…``, each run in a process of its own."""
