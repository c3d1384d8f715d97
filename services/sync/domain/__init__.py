"""Pure rules of exam results and qualifications."""
