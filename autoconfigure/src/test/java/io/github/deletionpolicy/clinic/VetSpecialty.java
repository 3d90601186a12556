package io.github.deletionpolicy.clinic;

import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A row of the join table, which has no primary key.
 */
@Table("vet_specialties")
record VetSpecialty(@Column("specialty_id") AggregateReference<Specialty, Integer> specialty) {

}
