package io.github.deletionpolicy.autoconfigure.annotated;

import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionMode;

import org.springframework.data.annotation.Id;

/**
 * An aggregate root that is mapped by convention.
 *
 * @param id the key
 */
@Deletion(mode = DeletionMode.SCHEDULED, delay = "30", holdCondition = "legal_hold")
public record Customer(@Id Long id) {
}
