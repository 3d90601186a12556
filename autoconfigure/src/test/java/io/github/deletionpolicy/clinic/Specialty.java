package io.github.deletionpolicy.clinic;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("specialties")
record Specialty(@Id @Nullable Integer id, String name) {

}
