"""Whether the read models are what the log says, and how far behind."""
from boards import notes
from panels import Query, Section, graph, stat, table

FILE = "torghut-projections.json"
UID = "torghut-projections"
TITLE = "Torghut Projections"
ABOUT = "How far each read model is folded, what is parked, whether stored rows are those that were folded."
VARIABLES = [
    ("job", "Job", "label_values(torghut_projection_lag_events, job)"),
    ("projection", "Projection", 'label_values(torghut_projection_lag_events{job=~"$job"}, projection)'),
    ("partition", "Partition", 'label_values(torghut_projection_lag_events{job=~"$job"}, partition)'),
]
ANNOTATIONS = [notes.firing("Read models", "TorghutFoldStalled|TorghutEpochConflict|TorghutRootMismatch|TorghutParkedKeys",
                            "red")]
ANNOTATION_FAULTS = {"Read models": "a read model is ill"}
OF = 'job=~"$job", projection=~"$projection", partition=~"$partition"'
BAD = [(None, "green"), (1, "red")]
NAME = "torghut_projection"

SECTIONS = [
    Section("Now", [
        stat("Not folded", "Records of the log that are not folded yet.", Query(f"sum({NAME}_lag_events{{{OF}}})")),
        stat("Oldest", "Age of the oldest record that is not folded yet.",
             Query(f"max({NAME}_oldest_unfolded_seconds{{{OF}}})"), unit="s",
             steps=[(None, "green"), (30, "yellow"), (120, "red")]),
        stat("Parked keys", "Keys that wait for an operator.", Query(f"sum({NAME}_parked_keys{{{OF}}})"), steps=BAD),
        stat("Deferred", "Records that wait behind a parked one.", Query(f"sum({NAME}_deferred_events{{{OF}}})"),
             steps=[(None, "green"), (1, "yellow")]),
        stat("Roots that differ", "Looks at stored roots that found another one than was committed.",
             Query(f'sum({NAME}_root_checks_total{{job=~"$job", projection=~"$projection", outcome!="same"}}) or vector(0)'),
             steps=BAD),
        stat("Evictions", "How often processes lost their partitions, in an hour.",
             Query(f'sum(increase({NAME}_evictions_total{{job=~"$job"}}[1h]))'), steps=[(None, "green"), (3, "red")]),
    ]),
    Section("Work", [
        graph("Folded", "Records that were folded and committed.",
              Query(f"sum by (projection) (rate({NAME}_events_total{{{OF}}}[$__rate_interval]))", "{{projection}}"),
              unit="ops"),
        graph("Rows", "Rows that were written.",
              Query(f"sum by (projection) (rate({NAME}_rows_total{{{OF}}}[$__rate_interval]))", "{{projection}}"),
              unit="ops"),
        graph("Commits", "Checkpoints that were moved.",
              Query(f"sum by (projection) (rate({NAME}_commits_total{{{OF}}}[$__rate_interval]))", "{{projection}}"),
              unit="ops"),
        graph("Records in one commit", "Of one partition: large batches mean that it catches up.",
              Query(f'histogram_quantile(0.5, sum by (le) (rate({NAME}_batch_events_bucket{{job=~"$job"}}[$__rate_interval])))',
                    "half"),
              Query(f'histogram_quantile(0.95, sum by (le) (rate({NAME}_batch_events_bucket{{job=~"$job"}}[$__rate_interval])))',
                    "95 %")),
        graph("Tried again", "How often the log or the database was away.",
              Query(f'sum(increase({NAME}_retries_total{{job=~"$job"}}[$__rate_interval]))', "retries")),
        graph("Journal", "Seconds of each second that the journal spends in syncs.",
              Query('sum(rate(torghut_journal_fsync_seconds_total{job=~"$job"}[$__rate_interval]))', "fsync"),
              unit="percentunit"),
    ]),
    Section("Behind", [
        graph("Not folded, by projection", "Records of the log that are not folded yet.",
              Query(f"sum by (projection) ({NAME}_lag_events{{{OF}}})", "{{projection}}"), width=12),
        graph("Oldest, by projection", "Age of the oldest record that is not folded yet; stalled is above 120 s.",
              Query(f"max by (projection) ({NAME}_oldest_unfolded_seconds{{{OF}}})", "{{projection}}"), unit="s",
              width=12),
        graph("Parked keys, by partition", "Keys that wait for an operator.",
              Query(f"sum by (projection, partition) ({NAME}_parked_keys{{{OF}}})", "{{projection}}/{{partition}}"),
              width=12),
        graph("Epochs", "How often each partition was taken over.",
              Query(f"max by (projection, partition) ({NAME}_epoch{{{OF}}})", "{{projection}}/{{partition}}"), width=12),
        table("Looks at roots", "Any other outcome than `same` is an incident.",
              Query(f'sum by (projection, outcome) ({NAME}_root_checks_total{{job=~"$job", projection=~"$projection"}})',
                    instant=True), width=12),
        graph("Parked records that were told", "On the log, so that others know.",
              Query(f'sum(increase({NAME}_parked_announced_total{{job=~"$job"}}[$__rate_interval]))', "told"),
              Query(f'sum(increase({NAME}_parked_announcements_failed_total{{job=~"$job"}}[$__rate_interval]))',
                    "not told"), width=12),
    ]),
]
