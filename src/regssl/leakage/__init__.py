"""The leakage audit: does anything held out reach training?"""
