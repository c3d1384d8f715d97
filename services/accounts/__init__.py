"""Who may act: persons and their accounts, sessions, organisations and their staff."""
