"""Checks of the results of a study: what must hold in any study, and agreement with theory."""
