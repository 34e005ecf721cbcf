"""Many runs at once: clients or settings spread over worker processes, here or on other machines.

Nothing is imported here: dask and fsspec are loaded when a batch is run.
"""
