"""Background work: what takes longer than a page may, begun by a form, left and found again at /work/ID.

A kind of work is made known by its module, which the routes import: `KIND = work.register(Kind(…))`. A form begins it
by `await work.begin(view, KIND.name, parameters)`, and goes to `/work/ID` (`work.waited` first, where it is mostly
quick). The page of its result reads it by `await work.result(view, id, KIND.name)`.
"""
