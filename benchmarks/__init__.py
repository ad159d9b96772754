"""What the application costs: its pages beside a bare Django view, under eight people, and over a million records."""
