"""Every entry of the error catalogue, raised by what really raises it."""
