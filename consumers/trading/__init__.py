"""The worked example, from the literature of the pattern: advisors place trades, and some of them fail.

`producer` plays the advisors, `placement` is the consumer, `sink` its own table. A trade is one line,
`ACCOUNT(String),SIDE(String),SYMBOL(String),SHARES(Long)`, or the same as JSON. Of the eight ways to fail
(`trades.Way`) six are in the body; two are the world's (`faults`). Nothing outside this folder needs it.

    python -m consumers consumers.trading.placement:consumer
    python -m consumers.trading.producer --rate 2

Both read BROKER_URL, and TRADING_DATABASE_URL or else DATABASE_URL.
"""

QUEUE = "trades"
SUBSCRIBER = "placement"
