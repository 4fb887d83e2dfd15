-- What the projections keep about themselves. Their read models are made from the folds, not here.

-- Which versions of a projection stand beside each other, and which one readers see.
CREATE TABLE projection_versions (
    projection text NOT NULL,
    version integer NOT NULL,
    -- The version of the fold: equal folds over the same log give equal rows.
    fold integer NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'ready', 'serving', 'retired')),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, version)
);
CREATE UNIQUE INDEX projection_versions_serving ON projection_versions (projection) WHERE state = 'serving';

-- How far a partition of a projection is, what its rows sum to, and whose it is.
CREATE TABLE projection_checkpoints (
    projection text NOT NULL,
    version integer NOT NULL,
    log_partition integer NOT NULL,
    vector json NOT NULL,
    root text NOT NULL,
    epoch bigint NOT NULL,
    commit_no bigint NOT NULL,
    -- Words of operators about records that were not read yet.
    awaited json NOT NULL,
    owner text NOT NULL,
    backend_pid integer NOT NULL,
    backend_start timestamptz NOT NULL,
    committed_at timestamptz NOT NULL,
    PRIMARY KEY (projection, version, log_partition)
) WITH (fillfactor = 30);

-- The last commits of each partition, for whoever folds the same log elsewhere: at the same vector, the same root.
CREATE TABLE projection_roots (
    projection text NOT NULL,
    version integer NOT NULL,
    log_partition integer NOT NULL,
    slot integer NOT NULL,
    commit_no bigint NOT NULL,
    vector json NOT NULL,
    root text NOT NULL,
    PRIMARY KEY (projection, version, log_partition, slot)
) WITH (fillfactor = 30);

-- The fence: fails the transaction of an owner that lost one of its partitions.
CREATE FUNCTION torghut_hold(moved bigint, expected bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF moved IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'fenced: % of % checkpoints are where this owner left them', moved, expected
            USING ERRCODE = 'TG001';
    END IF;
    RETURN moved;
END
$$;
