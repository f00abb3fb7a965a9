"""Everything stored about a person: shown, exported, erased."""
