"""Figures, their names and labels, and the dashboard and alerts that read them."""
