package io.github.deletionpolicy.autoconfigure;

/**
 * Is there in tests of a slice, such as {@code @DataJdbcTest}, and in no application. A
 * slice has neither a scheduler nor every migration, and that is no mistake.
 */
final class TestSlice {

}
