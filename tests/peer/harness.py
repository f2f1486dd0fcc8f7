def check_harness(checks): pass
