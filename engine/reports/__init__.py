"""Reports: one workbook for each reader and one page for the owner."""
