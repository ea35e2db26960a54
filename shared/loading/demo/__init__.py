"""The demo client: a synthetic retailer whose planted truth is known."""
