"""The legal conditions, one family a file, each a named value with its article."""

from .rule import Outcome, Result, Rule, RuleOutcome, run, run_again

__all__ = ["Outcome", "Result", "Rule", "RuleOutcome", "run", "run_again"]
