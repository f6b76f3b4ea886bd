"""Our document: built from what is known (`build`) by `overlays`, its elements checked (`checks`).

May import `adopt`, `compare` and what stands beneath it. Start reading at `build.build`.
"""
