"""The example municipality: invented data and the dated steps that enter it through actions."""
