from stature.domain.population import Group, Population


def test_groups_stand_in_the_order_of_their_means_whatever_the_config_says():
    girls, boys = Group("girls", 0.25, 163.0, 6.5), Group("boys", 0.75, 176.0, 7.0)
    assert Population("school", (boys, girls)) == Population("school", (girls, boys))
    school = Population("school", (boys, girls))
    assert school.group_names == ("girls", "boys")
    assert school.mean_cm == 0.25 * 163 + 0.75 * 176
