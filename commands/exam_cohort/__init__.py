"""An invented exam cohort: realistic people, results and faults, the same for the same seed (`docs/cohort.md`)."""

from .generator import Cohort, generate
from .manifest import clean_passes, read_cohort

__all__ = ["Cohort", "clean_passes", "generate", "read_cohort"]
