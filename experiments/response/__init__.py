"""The product's response model on any CSV of KPI and ad spend: ROI by channel, curves, and what they are worth."""
