"""What every stage's kernel finds in its environment: a part of what its result hangs on."""

# One thread a kernel: two runs on one machine do not fight, and sums come out in the same order.
# A fixed hash seed: no result may hang on the order of a set.
SURROUNDINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
