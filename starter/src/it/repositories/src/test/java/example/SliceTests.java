package example;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase.Replace;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

@DataJdbcTest
@AutoConfigureTestDatabase(replace = Replace.NONE)
class SliceTests {

	@Test
	void theSliceSeesThePolicies(@Autowired Notes notes, @Autowired JdbcClient jdbc) {
		Note note = notes.save(new Note(null, "a"));
		notes.delete(note);
		assertThat(jdbc.sql("SELECT count(*) FROM notes WHERE id = ? AND deletion_time IS NOT NULL")
			.param(note.id())
			.query(Long.class)
			.single()).isOne();
	}

}
