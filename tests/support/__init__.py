"""What tests share: servers that fail on purpose, the operations as calls, values by chance,
and churn.
"""
