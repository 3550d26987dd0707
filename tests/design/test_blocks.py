import pytest

from stature.design.blocks import Block, block_named, blocks


@pytest.mark.parametrize(("replicates", "width"), [(1000, 250), (1000, 300), (3, 10), (1, 1)])
def test_blocks_cover_all_replicates_once(replicates: int, width: int):
    covered = [r for block in blocks(replicates, width) for r in block.replicates]
    assert covered == list(range(replicates))


def test_more_replicates_keep_the_full_blocks():
    assert set(blocks(1000, 250)) < set(blocks(2000, 250))


def test_a_block_is_found_by_its_name():
    assert block_named(Block(250, 499).name) == Block(250, 499)
