"""Review: workflows, cases, tasks, decisions, statutory clocks and paper."""
