"""Kernels that start at once: forked from a parent that has imported the libraries already.

`provisioner` is what Jupyter asks for a kernel, `client` asks the parent, `parent` is the process that forks, `child`
what happens between the fork and the kernel, `spec` installs the kernelspec that chooses all this.
"""
