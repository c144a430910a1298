"""Next year's numbers: goals spread over months, channels, categories and SKUs, with their chance."""
