ALTER TABLE model_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_use FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON model_use USING (user_id = current_setting('app.user_id', true)) WITH CHECK (user_id = current_setting('app.user_id', true));
