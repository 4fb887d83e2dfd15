-- How the job runs in production; job.sh puts this in front. What the check changes, it sets behind it.
SET 'pipeline.name' = 'torghut-downstream';
SET 'execution.runtime-mode' = 'streaming';
SET 'table.local-time-zone' = 'UTC';
-- Partitions without news hold up no window: symbols have no partition of their own, and markets close.
SET 'table.exec.source.idle-timeout' = '30 s';
SET 'execution.checkpointing.interval' = '60 s';
SET 'execution.checkpointing.mode' = 'EXACTLY_ONCE';
-- Of parity alone: an intent that nobody judged again for so long is forgotten, and so is its day.
SET 'table.exec.state.ttl' = '8 d';
