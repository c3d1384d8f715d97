"""Exam results from the national centre, the qualifications that follow, and the gates that open them."""
