"""Marks on the time axis."""
import panels


def firing(name, alerts, colour):
    """Alerts while they fire."""
    return {"name": name, "enable": True, "hide": False, "iconColor": colour, "datasource": panels.PROMETHEUS,
            "expr": f'max by (alertname) (ALERTS{{system="torghut", alertstate="firing", alertname=~"{alerts}"}})',
            "titleFormat": "{{alertname}}", "textFormat": "", "step": "60s", "useValueForTime": False}


def rows(name, sql, colour):
    return {"name": name, "enable": True, "hide": False, "iconColor": colour, "datasource": panels.POSTGRES,
            "target": {"refId": "Anno", "datasource": panels.POSTGRES, "rawSql": sql, "rawQuery": True,
                       "editorMode": "code", "format": "table"}}
