"""Messages to people, on every channel."""
