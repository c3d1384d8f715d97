"""Drafts, applications and materials; the register and its certificates; seniority."""
