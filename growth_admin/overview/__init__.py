"""The school-day page: one line for each thing that can be wrong at 08:50."""
