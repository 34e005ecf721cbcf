"""Roles pass, names of persons do not; in Vietnamese and English, with and without marks."""

from __future__ import annotations

import unicodedata

import pytest

from cxlib.actions.roles import names_person

ROLES = """Trưởng phòng bán lẻ|Head of stores|Giám đốc vận hành|TRƯỞNG PHÒNG BÁN LẺ|Giám Đốc Vận Hành
Trưởng Phòng Đào Tạo|Quản Lý Cửa Hàng|Giám đốc chi nhánh Hồ Chí Minh|Head of Store Operations
Truong Phong Ban Le Mien Bac|Chief Experience Officer|CEO|Trưởng bộ phận mặt bằng|Sales director
Phó Tổng Giám đốc|Trưởng vùng Thái Nguyên|Customer Care Lead, Da Nang|head of technicians
VP Marketing|Chị phụ trách kho|Trưởng phòng Chăm Sóc Khách Hàng|Terminal Operations Manager
Ban Giám đốc|Trưởng phòng Kinh doanh Hà Nội|Bộ phận Cao cấp|Regional manager, North
Trưởng nhóm Hậu Mãi|Trợ lý Giám đốc|Trưởng phòng Dịch Vụ Khách Hàng - Miền Nam|Quản lý từ xa
Nhân viên văn phòng|Giám đốc thị trường|head of concessions|trưởng bộ phận biển chỉ dẫn
Director, Passenger Experience"""
NAMES = """Nguyễn Văn An|NGUYỄN VĂN A|Trần Thị Bích Ngọc|Lê Lan|Anh Tuấn|chị Hoa|Mr Smith|Ms. Parker|John Smith
Nguyen Van An|nguyễn văn an|nguyen thi hoa|Giám đốc: Phạm Minh|Giám đốc Phạm Minh Đức|J. Smith
Head of stores (Anna Bell)|Store Manager John Smith|Hoàng Anh|a.b@c.vn|NV01234|Trưởng phòng - Đỗ Hải
Dr. Who|Vũ Hà|Hồ Minh|MARY JONES|ông Bình|Trưởng phòng Lê Thanh Sơn|Sarah O'Neill|Lý Thu|Cao Thị Mai
head of stores, Jane Doe|Trưởng phòng bán lẻ Nguyễn Trãi"""


def split(text: str) -> list[str]:
    return [item for line in text.splitlines() for item in line.split("|")]


@pytest.mark.parametrize("role", split(ROLES))
def test_a_role_passes(role):
    assert not names_person(role)
    assert not names_person(unicodedata.normalize("NFD", role))


@pytest.mark.parametrize("name", split(NAMES))
def test_a_name_is_found(name):
    assert names_person(name)
    assert names_person(unicodedata.normalize("NFD", name))
