module oktaauth

go 1.24
