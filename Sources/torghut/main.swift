print("torghut")
