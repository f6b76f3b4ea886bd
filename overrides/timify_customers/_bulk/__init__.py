"""Imports any number of rows in constant memory, and says what became of each.

It decides which rows go into one request and how a refused one is halved (`chunks`), what an answer
says about its rows (`verdicts`), and which rows an earlier run has done (`checkpoint`). It may
import `_customfields`, `_paging` and the rooms below. Start reading at `engine`; only `handle` is
loaded before the first import begins.
"""
