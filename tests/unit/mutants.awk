# What `mutmut results --all true` says, in short: the share of mutants seen, and by module how many lived on,
# those that no test comes near ("no tests") among them.
$NF == "survived" || $NF == "killed" || $NF == "timeout" || $NF == "tests" {
    module = $1
    sub(/\.[^.]*__mutmut_[0-9]+:$/, "", module)
    tried[module]++
    all++
    if ($NF == "survived" || $NF == "tests") { lived[module]++; survivors++ }
}
END {
    if (!all) { print "No mutant was tried."; exit 1 }
    printf "%d of %d mutants seen (%.1f %%); survivors by module:\n", all - survivors, all, 100 * (all - survivors) / all
    for (module in lived) printf "%5d of %4d  %s\n", lived[module], tried[module], module | "sort -rn"
}
