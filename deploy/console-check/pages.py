"""The pages of the console, and what belongs on each at least."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    title: str
    figures: int = 10
    charts: int = 0
    # So many figures have to be the same in psql and in the log.
    compared: int = 10
    # Seconds up to now that the page asks about at first, where it lets one choose.
    stretch: int = 0
    # Choices whose figures are compared as well: a selector, and what is chosen.
    choices: tuple = ()

    def of(self, rig):
        """The path, where it depends on what there is."""
        if "{order}" not in self.path:
            return self.path
        rows = rig.rows("SELECT client_order_id FROM executions WHERE status = 'filled' ORDER BY created_at DESC LIMIT 1")
        return self.path.replace("{order}", rows[0]["client_order_id"])


PAGES = [
    Page("overview", "/", "Overview", charts=1),
    Page("orders", "/orders", "Orders"),
    Page("order", "/order?id={order}", "An order", charts=1),
    Page("gate", "/gate", "LEAN rollout gate", charts=5, stretch=900),
    Page("safety", "/safety", "Decision safety", charts=2, stretch=900),
    Page("control-plane", "/control-plane", "Control plane", charts=4,
         choices=(("#partitions-role", "projections"),)),
    Page("backtests", "/backtests", "Backtests", charts=1),
]
