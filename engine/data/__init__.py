"""The merchant's data: the contract, readers, quality, calendar and the workspace."""
