"""Lua scripts that the server runs, for steps that must happen together or not at all.

A chunk exists as long as it has no outcome: its rows are in the hash of chunks, and the script that
records its outcome removes them. So an outcome counts once, however often a chunk is run, and a
chunk is passed to the workers once, however often its file is read.
"""

from __future__ import annotations

from typing import Final

_TALLY: Final = """
local job, chunks, starts, problems, stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local keep_seconds, problems_kept = tonumber(ARGV[1]), tonumber(ARGV[2])

local function tally(outcome)
  for name, number in pairs(outcome.counts) do redis.call('HINCRBY', job, name, number) end
  for _, problem in ipairs(outcome.problems) do
    redis.call('ZADD', problems, problem[1], problem[2])
  end
  redis.call('ZREMRANGEBYRANK', problems, problems_kept, -1)
end

local function finish()
  local now = redis.call('HMGET', job, 'state', 'read_all', 'produced', 'done')
  local produced, done = tonumber(now[3]), tonumber(now[4])
  if now[1] == 'running' and now[2] == '1' and done >= produced then
    redis.call('HSET', job, 'state', 'done', 'ended_at', redis.call('TIME')[1])
  end
end

local function stop(state, reason)
  if redis.call('HGET', job, 'state') ~= 'running' then return end
  redis.call('HSET', job, 'state', state, 'error', reason, 'ended_at', redis.call('TIME')[1])
end

local function keep()
  for place = 1, 4 do redis.call('EXPIRE', KEYS[place], keep_seconds) end
end
"""

BEGIN: Final = """
local job, index, stream = KEYS[1], KEYS[2], KEYS[3]
if redis.call('EXISTS', job) == 1 then return 'there' end
redis.call('HSET', job, unpack(ARGV, 6))
redis.call('EXPIRE', job, ARGV[1])
redis.call('ZREMRANGEBYSCORE', index, 0, ARGV[2] - 5 * ARGV[1])
redis.call('ZADD', index, ARGV[2], ARGV[3])
redis.call('XADD', stream, 'MAXLEN', '~', ARGV[4], '*', 'data', ARGV[5])
return 'begun'
"""
"""Make a job and the message that starts it, once.

A client repeats a command whose answer was lost. If that created the job again, a job under way
would be read and sent a second time.
"""

ADD: Final = (
    _TALLY
    + """
local number, rows, message, rows_read = tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
if redis.call('HGET', job, 'state') ~= 'running' then return 'ended' end
local produced = tonumber(redis.call('HGET', job, 'produced'))
if number < produced then return 'there' end
if number > produced then return 'lost' end
redis.call('HINCRBY', job, 'produced', 1)
redis.call('HSET', job, 'rows_read', rows_read)
redis.call('HDEL', starts, 'file')
tally(cjson.decode(ARGV[7]))
if rows == '' then
  redis.call('HINCRBY', job, 'done', 1)
else
  redis.call('HSET', chunks, number, rows)
  redis.call('XADD', stream, 'MAXLEN', '~', ARGV[8], '*', 'data', message)
end
keep()
return 'added'
"""
)
"""Add the next chunk of a job to the work to do, with the outcomes of rows that need no request.

The file is not what ended earlier readers if the reading got further, so their number is forgotten.
"""

READ_ALL: Final = (
    _TALLY
    + """
if redis.call('HGET', job, 'produced') ~= ARGV[3] then return 'lost' end
redis.call('HSET', job, 'read_all', '1', 'rows_read', ARGV[4])
finish()
keep()
return 'added'
"""
)
"""Record that all rows were read: the job is done when its chunks are."""

RECORD: Final = (
    _TALLY
    + """
local number, outcome, reason = ARGV[3], cjson.decode(ARGV[4]), ARGV[5]
if redis.call('HDEL', chunks, number) == 0 then return 0 end
redis.call('HDEL', starts, number)
tally(outcome)
redis.call('HINCRBY', job, 'done', 1)
if outcome.lost == 0 then redis.call('HSET', job, 'lost_in_a_row', 0)
elseif outcome.lost > 0 then redis.call('HINCRBY', job, 'lost_in_a_row', outcome.lost) end
if tonumber(redis.call('HGET', job, 'lost_in_a_row')) >= tonumber(ARGV[6]) then
  stop('stopped', outcome.lost_reason)
end
if reason ~= '' then stop('stopped', reason) end
finish()
keep()
return 1
"""
)
"""Record the outcome of a chunk, once."""

_STARTS: Final = """
local starts, part, run = KEYS[1], ARGV[1], ARGV[2]
local attempts, runs, last = 0, 0, ''
local stored = redis.call('HGET', starts, part)
if stored then
  local before = {string.match(stored, '^(%d+) (%d+) (.*)$')}
  attempts, runs, last = tonumber(before[1]), tonumber(before[2]), before[3]
end

local function keep(attempts, runs, last)
  redis.call('HSET', starts, part, attempts .. ' ' .. runs .. ' ' .. last)
  redis.call('EXPIRE', starts, ARGV[3])
end
"""

BEGIN_PART: Final = (
    _STARTS
    + """
attempts = attempts + 1
if last ~= run then runs = runs + 1 end
keep(attempts, runs, run)
return {attempts, runs}
"""
)
"""Count that work on a part of a job begins: the attempts, and the runs that made them.

A run is one delivery of a task to one worker. Of its attempts, which it repeats while the server
refuses commands, each counts, but the run counts once: only a worker that died leads to another. So
do commands that a client repeats because their answer was lost. An example, as they are stored::

    1 1 a    run a began the part
    2 1 a    run a began it again, as the server had refused a command
    3 2 b    the worker of run a died, and run b began the part
"""

LEAVE_PART: Final = _STARTS + "if last == run then keep(attempts, runs - 1, '') end return 1"
"""Take back that a run counts, as its worker left the part and did not die."""

STOP: Final = _TALLY + "stop(ARGV[3], ARGV[4]) keep() return 1"
"""End a running job: chunks that were not begun are not sent."""
