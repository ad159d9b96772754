"""What the application costs, beside the least that Django could cost for the same work.

``python -m benchmarks`` serves the application and a bare Django project (``floor``) on the same database with
the same server and the same arguments, sends both the same requests in alternating rounds, and compares.
"""
