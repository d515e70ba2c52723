"""The demonstration EHR: a chart, a pad of draft orders, the cards, and the exact exchange behind them.

It plays the EHR's part as an outsider would: it reads the sandbox FHIR server and calls this service over HTTP, with
what discovery publishes. It keeps nothing; the page that was sent holds all there is. It exists only with CDS_DEMO=on.
"""
