package example;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("plain")
record Plain(@Id Long id, String text) {
}
